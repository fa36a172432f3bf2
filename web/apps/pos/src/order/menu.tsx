// The menu: categories, search, and dishes to tap.
import { Dialog, useLiveQuery, useMoney, useText } from '@outpost/react';
import { memo, useDeferredValue, useMemo, useState, type ReactNode } from 'react';
import type { PosMessageId } from '../messages.js';
import { categoriesOf, searchMenu, type Product, type Variant } from '../model.js';
import type { DraftLine } from './draft.js';

export interface MenuProps {
  readonly currency: string;
  readonly onAdd: (line: Omit<DraftLine, 'quantity'>) => void;
}

export function Menu({ currency, onAdd }: MenuProps): ReactNode {
  const text = useText<PosMessageId>();
  const menu = useLiveQuery<Product>({ collection: 'products', orderBy: 'name' });
  const [words, setWords] = useState('');
  const [category, setCategory] = useState<string>();
  const [choosing, setChoosing] = useState<Product>();
  const other = text('pos.other');
  const products = useMemo(() => menu.documents.map(({ doc }) => doc), [menu.documents]);
  const categories = useMemo(() => categoriesOf(products, other), [products, other]);
  const wanted = useDeferredValue(words);
  const shown = useMemo(() => searchMenu(products, wanted, category, other), [products, wanted, category, other]);
  const choose = (product: Product): void => (product.variants?.length ? setChoosing(product) : onAdd(lineOf(product, product)));
  return (
    <section className="p-menu" aria-label={text('pos.menu')}>
      <input className="p-search" type="search" aria-label={text('pos.search')} placeholder={text('pos.search')} value={words} onChange={({ target }) => setWords(target.value)} />
      <fieldset className="o-choice p-categories">
        <legend className="o-unseen">{text('pos.menu')}</legend>
        {[undefined, ...categories].map((name) => (
          <label key={name ?? ''} className="o-chip">
            <input type="radio" name="category" checked={category === name} onChange={() => setCategory(name)} />
            <span>{name ?? text('pos.all')}</span>
          </label>
        ))}
      </fieldset>
      {menu.state === 'ready' && shown.length === 0 && <p className="o-empty">{text(products.length === 0 ? 'pos.noMenu' : 'pos.noProducts')}</p>}
      <ul className="p-dishes">
        {shown.map((product) => (
          <Dish key={product.sku} product={product} currency={currency} onTap={choose} />
        ))}
      </ul>
      {choosing !== undefined && (
        <VariantDialog
          product={choosing}
          currency={currency}
          onChoose={(variant) => {
            setChoosing(undefined);
            if (variant !== undefined) onAdd(lineOf(choosing, variant));
          }}
        />
      )}
    </section>
  );
}

function lineOf(product: Product, { sku, name, price }: Variant): Omit<DraftLine, 'quantity'> {
  const full = sku === product.sku ? name : `${product.name} – ${name}`;
  return { sku, name: full, unitPrice: price, ...(product.station === undefined ? {} : { station: product.station }) };
}

interface DishProps {
  readonly product: Product;
  readonly currency: string;
  readonly onTap: (product: Product) => void;
}

const Dish = memo(
  function Dish({ product, currency, onTap }: DishProps): ReactNode {
    const money = useMoney(currency);
    return (
      <li>
        <button type="button" className="p-dish" onClick={() => onTap(product)}>
          <span className="p-dish-name" dir="auto">
            {product.name}
          </span>
          <span className="p-amount">{money(product.price)}</span>
        </button>
      </li>
    );
  },
  (before, after) => before.product === after.product && before.currency === after.currency,
);

function VariantDialog({ product, currency, onChoose }: { readonly product: Product; readonly currency: string; readonly onChoose: (variant: Variant | undefined) => void }): ReactNode {
  const text = useText<PosMessageId>();
  const money = useMoney(currency);
  return (
    <Dialog title={`${product.name}: ${text('pos.variant')}`} onClose={() => onChoose(undefined)}>
      <div className="p-choices">
        {product.variants?.map((variant) => (
          <button key={variant.sku} type="button" className="o-button" onClick={() => onChoose(variant)}>
            {variant.name} <span className="p-amount">{money(variant.price)}</span>
          </button>
        ))}
      </div>
    </Dialog>
  );
}
